"""Attachments: what is let in, where it is kept, who may have it."""
