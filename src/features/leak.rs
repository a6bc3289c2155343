//! The leak hunter: columns that know the outcome because they were filled after it.
