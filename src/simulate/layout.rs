//! What the fixed file and folder of a world are called. Writes nothing.

/// The configuration's file name.
pub const WORLD_FILE: &str = "dealcast.toml";

/// The folder of what no CRM knows.
pub(super) const TRUTH: &str = "truth";
