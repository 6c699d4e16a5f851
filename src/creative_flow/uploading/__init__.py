"""Uploading: from files, through a plan, to creatives whose ids are proved."""

from creative_flow.uploading.run import upload, upload_async

__all__ = ["upload", "upload_async"]
