"""What `voc survey inspect` finds out about a file that nobody configured yet.

Looks at a file as the loader would, guesses the part of each column with a reason, and proposes an
entry for surveys.yml. Reads only: no lake, no key, no deployment.
"""
