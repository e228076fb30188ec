"""A plan on AWS: a state machine of Step Functions, the worker that runs its tasks, and what deploys both."""
