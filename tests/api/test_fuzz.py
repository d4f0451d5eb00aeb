"""Requests that nobody thought of, made from the description of the interface: no answer may be a crash."""

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import OPERATOR, application
from tests.api.double import Double

app = application(Double())
# terms, figures and consignments of lending are asked over PostgreSQL, as each role: test_fuzz_roles.py
ASKED_THERE = (
    r"^/api/v1/lending/(agreements|figures)"
    r"|/(avoidances|closures|consignments|figures|policy|reach|terms)(/|$)"
)
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app).exclude(path_regex=ASKED_THERE)
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@schema.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_no_request_is_a_crash(case: schemathesis.Case) -> None:
    response = case.call(headers=OPERATOR)
    case.validate_response(response, checks=list(CHECKS))
