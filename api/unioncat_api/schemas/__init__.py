"""The shapes on the wire: pydantic models made from domain objects by `of`.

A domain type never crosses the door. A change here changes the public interface: it shows in openapi.json.
"""
