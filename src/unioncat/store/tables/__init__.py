"""The schema in code; a test holds that the migrations lead to exactly this."""

from unioncat.store.tables.audit import audit_entry
from unioncat.store.tables.base import metadata
from unioncat.store.tables.catalogue import bib_record, catalogue_progress, holding, issue
from unioncat.store.tables.consignment import (
    consignment,
    consignment_difference,
    consignment_event,
    consignment_item,
    consignment_stop,
)
from unioncat.store.tables.errand import errand
from unioncat.store.tables.harvest import harvest_run, harvest_seen, harvest_token, raw_record
from unioncat.store.tables.join import (
    cluster,
    cluster_member,
    cluster_successor,
    decision,
    distrusted_identifier,
    edge,
    joined,
    joining,
    match_key,
    pending_join,
    pending_publish,
    shared_key,
)
from unioncat.store.tables.lending_partner import lending_agency, lending_message, lending_partner
from unioncat.store.tables.lending_terms import (
    lending_agreement,
    lending_avoidance,
    lending_closure,
    lending_party,
    lending_policy,
    lending_rota,
)
from unioncat.store.tables.members import (
    audience,
    library,
    library_group,
    library_in_group,
    library_parent,
    meta,
    province,
    source,
)
from unioncat.store.tables.onboarding import (
    expected_library,
    members_sheet,
    onboarding_goal,
    quality_report,
    registration,
)
from unioncat.store.tables.people import (
    account,
    account_link,
    account_role,
    account_session,
    api_key,
    sign_in_failure,
)
from unioncat.store.tables.profiles import profile
from unioncat.store.tables.secrets import source_secret
from unioncat.store.tables.upload import upload, upload_chunk, upload_line

__all__ = [
    "account",
    "account_link",
    "account_role",
    "account_session",
    "api_key",
    "audience",
    "audit_entry",
    "bib_record",
    "catalogue_progress",
    "cluster",
    "cluster_member",
    "cluster_successor",
    "consignment",
    "consignment_difference",
    "consignment_event",
    "consignment_item",
    "consignment_stop",
    "decision",
    "distrusted_identifier",
    "edge",
    "errand",
    "expected_library",
    "harvest_run",
    "harvest_seen",
    "harvest_token",
    "holding",
    "issue",
    "joined",
    "joining",
    "lending_agency",
    "lending_agreement",
    "lending_avoidance",
    "lending_closure",
    "lending_message",
    "lending_partner",
    "lending_party",
    "lending_policy",
    "lending_rota",
    "library",
    "library_group",
    "library_in_group",
    "library_parent",
    "match_key",
    "members_sheet",
    "meta",
    "metadata",
    "onboarding_goal",
    "pending_join",
    "pending_publish",
    "profile",
    "province",
    "quality_report",
    "raw_record",
    "registration",
    "shared_key",
    "sign_in_failure",
    "source",
    "source_secret",
    "upload",
    "upload_chunk",
    "upload_line",
]
