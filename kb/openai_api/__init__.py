"""What clients of OpenAI's API can use as it is: chat completions, models and embeddings.

The shapes are those of platform.openai.com/docs/api-reference; docs/openai.md says what is honoured.
"""
