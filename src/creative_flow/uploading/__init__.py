"""Uploading: from files, through a plan, to creatives whose ids are proved."""

from creative_flow.uploading.api import upload, upload_async

__all__ = ["upload", "upload_async"]
