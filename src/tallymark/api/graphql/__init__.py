"""GraphQL: every metric of the catalogue as a field, asked through the same door as REST."""

from tallymark.api.graphql.route import routes
from tallymark.api.graphql.schema import printed

__all__ = ["printed", "routes"]
