"""All commands as one program; those that start a service are also there alone (`start`)."""

from unioncat.cli import (
    consignments,
    credentials,
    encoding,
    look,
    match,
    members,
    naming,
    onboarding,
    partners,
    people,
    profiles,
    registration,
    review,
    samples,
    serve,
    start,
    terms,
    upload,
)

app = naming.program()
start.add(app)
serve.add(app)
members.add(app)
upload.add(app)
registration.add(app)
onboarding.add(app, members.library, members.source)
profiles.add(app)
look.add(app)
match.add(app)
review.add(app)
samples.add(app)
credentials.add(app)
encoding.add(app)
people.add(app)
terms.add(app)
partners.add(app)
consignments.add()
naming.name_all(app)
