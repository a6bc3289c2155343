//! Keys and passwords, from where the configuration says: the environment, a file, a command. Never from a flag.
//!
//! Before the first one is read the process is kept out of core dumps: what a crash leaves on the disk has none of its memory.

use std::path::Path;
use std::process::{Command, Stdio};

use dealcast::config::SecretSource;
use dealcast::push::secret::Secret;
use dealcast::store::memory::keep_out_of_core_dumps;
use dealcast::store::push_folder::given_text;

use super::error::CliError;

/// The secret that `source` names; paths are relative to `base`. Nothing of it is ever said, also not in an error.
pub(crate) fn load(source: &SecretSource, base: &Path) -> Result<Secret, CliError> {
    keep_out_of_core_dumps();
    let (text, place) = match source {
        SecretSource::Env(name) => (std::env::var(name).ok(), format!("the environment variable {name}")),
        SecretSource::File(path) => {
            (Some(named_file("secret.file", &base.join(path))?), format!("the file {}", path.display()))
        }
        SecretSource::Command(words) => printed(words)?,
    };
    text.and_then(Secret::first_line).ok_or_else(|| {
        CliError::usage(format!("no secret: {place} has none"))
            .hint("`secret` in the section of the target says where the key or password comes from")
    })
}

/// The text of a file that the key `key` of the configuration names.
pub(crate) fn named_file(key: &str, path: &Path) -> Result<String, CliError> {
    given_text(path).map_err(|error| {
        CliError::usage(format!("`{key}`: {error}")).hint("paths in the configuration are relative to its file")
    })
}

/// What a command prints, if it ends well.
fn printed(words: &[String]) -> Result<(Option<String>, String), CliError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(CliError::usage("`secret.command` names no program"));
    };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.map_err(|error| CliError::usage(format!("`secret.command` cannot run {program}: {error}")))?;
    if !output.status.success() {
        return Err(CliError::usage(format!("no secret: the command {program} ended with {}", output.status)));
    }
    // A key is plain text: what is no UTF-8 is none.
    let text = String::from_utf8(output.stdout).ok();
    Ok((text, format!("the command {program}")))
}
