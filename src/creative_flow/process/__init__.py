"""From raw files to creatives that are ready to upload: probed, named, converted."""
