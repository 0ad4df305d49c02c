"""Expected-return models: functions ``(Sample, StudySpec) -> Fit``, listed in `eventstudy.registry.models`."""
