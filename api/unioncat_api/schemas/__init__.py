"""The shapes on the wire: pydantic models made from domain objects by `of`, and read into them by `to_domain`.

A domain type never crosses the door; a change here is a change of the public interface and shows in openapi.json.
"""
