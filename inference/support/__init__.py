"""Whether the chunks that an answer cites say what it says, sentence by sentence, on-premises.

`answer.check` is the way in; `claims.judged` judges claims by themselves. Numbers and names that no source holds
decide alone; the rest is a small model's word (docs/answers.md).
"""
