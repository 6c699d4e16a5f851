"""Libraries: what a platform has, walked page by page, and what is known of it, looked up."""
