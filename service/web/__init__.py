"""The pages for people: templates, style and script over the same answers that the API gives."""
