//! The list of topics: name, title and text of every page of this folder.

/// One page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What to ask for, lower case.
    pub name: &'static str,
    /// What it is about, in one line.
    pub title: &'static str,
    /// The page, as Markdown.
    pub text: &'static str,
}

/// Every page, in the order to read them.
pub const TOPICS: [Topic; 15] = [
    Topic { name: "commands", title: "What each command is for", text: include_str!("commands.md") },
    Topic { name: "results", title: "How to read what a run writes", text: include_str!("results.md") },
    Topic { name: "page", title: "The page people open, and its visual language", text: include_str!("page.md") },
    Topic { name: "inputs", title: "What is read, and the rules for it", text: include_str!("inputs.md") },
    Topic { name: "dirty", title: "Every kind of dirty data, and what is done", text: include_str!("dirty.md") },
    Topic {
        name: "quality",
        title: "Whether the input is good enough, and what would stop a run",
        text: include_str!("quality.md"),
    },
    Topic { name: "init", title: "From exported files to a configuration", text: include_str!("init.md") },
    Topic { name: "presets", title: "What is known of each CRM's exports", text: include_str!("presets.md") },
    Topic { name: "push", title: "Scores back into a CRM", text: include_str!("push.md") },
    Topic {
        name: "push-targets",
        title: "What each target of a push needs and does",
        text: include_str!("push-targets.md"),
    },
    Topic { name: "method", title: "How every number is computed", text: include_str!("method.md") },
    Topic { name: "evaluation", title: "How good it is, and where it is not", text: include_str!("evaluation.md") },
    Topic { name: "speed", title: "How long it takes, and how much memory", text: include_str!("speed.md") },
    Topic { name: "glossary", title: "The words, and what they mean", text: include_str!("glossary.md") },
    Topic { name: "migration", title: "What was renamed, version by version", text: include_str!("migration.md") },
];

/// The page called `name`, in whatever case.
#[must_use]
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_the_folder_is_a_topic_and_begins_with_its_heading() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs");
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let pages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
        let mut pages: Vec<String> =
            pages.map(|path| path.file_stem().expect("a stem").to_string_lossy().into_owned()).collect();
        pages.sort();
        let mut names: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
        names.sort_unstable();
        assert_eq!(names, pages);
        assert!(TOPICS.iter().all(|topic| topic.text.starts_with("# ")));
        assert_eq!(topic("METHOD").map(|topic| topic.name), Some("method"));
        assert_eq!(topic("methods"), None);
    }
}
