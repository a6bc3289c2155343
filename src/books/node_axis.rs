//! The nodes of a report, numbered in report order, so that sorting numbers sorts the report.
//!
//! [`Position`]s and named nodes in, numbers and [`NamedNode`]s out. Holds no money.

use std::collections::BTreeSet;

use crate::books::hierarchy::{COMPANY, Hierarchy, Level, NO_MANAGER, NO_REGION, NO_TEAM, Node, Position};

/// A node of the hierarchy as tables name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedNode {
    /// Which level.
    pub level: Level,
    /// Owner id, team, region or [`COMPANY`].
    pub key: String,
    /// The name of an owner or manager where the users table has one, else the key.
    pub name: String,
}

/// Nodes by level and key.
#[derive(Debug)]
pub(crate) struct NodeAxis<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> NodeAxis<'a> {
    /// Every node of `positions` and every one of `named`, and the company; no level of which nothing is known.
    pub fn new<'p>(positions: impl Iterator<Item = &'p Position<'a>>, named: impl Iterator<Item = Node<'a>>) -> Self
    where
        'a: 'p,
    {
        let mut nodes: BTreeSet<Node<'a>> = BTreeSet::from([(Level::Company, COMPANY)]);
        for position in positions {
            for level in Level::ALL {
                nodes.extend(position.nodes(level).iter().map(|node| (level, *node)));
            }
        }
        nodes.extend(named);
        for unknown in [(Level::Manager, NO_MANAGER), (Level::Team, NO_TEAM), (Level::Region, NO_REGION)] {
            if nodes.iter().all(|node| node.0 != unknown.0 || *node == unknown) {
                nodes.remove(&unknown);
            }
        }
        Self { nodes: nodes.into_iter().collect() }
    }

    /// Number of a node; `None` where its level is not reported.
    pub fn number(&self, node: Node<'a>) -> Option<u32> {
        self.nodes.binary_search(&node).ok().map(|i| i as u32)
    }

    /// The node of a number.
    pub fn at(&self, number: usize) -> Option<Node<'a>> {
        self.nodes.get(number).copied()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The level of a node by number.
    pub fn level(&self, number: u32) -> Option<Level> {
        self.at(number as usize).map(|node| node.0)
    }

    /// Number of the company.
    pub fn company(&self) -> u32 {
        self.number((Level::Company, COMPANY)).unwrap_or_default()
    }

    /// The numbers of the nodes of `level` a position is part of; none where the level is not reported.
    pub fn numbers<'p>(&'p self, position: &'p Position<'a>, level: Level) -> impl Iterator<Item = u32> + 'p {
        position.nodes(level).iter().filter_map(move |key| self.number((level, *key)))
    }

    /// The nodes as tables name them; owners and managers by their names in `hierarchy`.
    pub fn named(&self, hierarchy: Option<&Hierarchy<'_>>) -> Vec<NamedNode> {
        let name_of = |key: &str| hierarchy.and_then(|hierarchy| hierarchy.name_of(key)).unwrap_or(key).to_owned();
        let named = |&(level, key): &Node<'a>| match level {
            Level::Owner | Level::Manager => NamedNode { level, key: key.to_owned(), name: name_of(key) },
            Level::Team | Level::Region | Level::Company => {
                NamedNode { level, key: key.to_owned(), name: key.to_owned() }
            }
        };
        self.nodes.iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_by_level_and_a_level_nobody_named_is_left_out() {
        let position = |owner, team| Position { owner, managers: vec![NO_MANAGER], team, region: NO_REGION };
        let positions = [position("zoe", "North"), position("ann", NO_TEAM)];
        let axis = NodeAxis::new(positions.iter(), [(Level::Region, "EU")].into_iter());
        let keys: Vec<&str> = (0..axis.len()).filter_map(|number| axis.at(number)).map(|node| node.1).collect();
        assert_eq!(keys, ["ann", "zoe", NO_TEAM, "North", NO_REGION, "EU", COMPANY], "no manager is known");
        assert_eq!(axis.numbers(&positions[0], Level::Team).collect::<Vec<_>>(), [3]);
        assert_eq!(axis.numbers(&positions[0], Level::Manager).count(), 0);
        assert_eq!((axis.company(), axis.level(1), axis.level(7)), (6, Some(Level::Owner), None));
        assert_eq!(axis.named(None)[1], NamedNode { level: Level::Owner, key: "zoe".into(), name: "zoe".into() });
    }
}
