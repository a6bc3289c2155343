//! The memory of this process, and what of it may come onto the disk: nothing.

use std::fs;

/// Tells the kernel to leave every part of this process's memory out of a dump, one that a debugger makes included. Elsewhere
/// than on Linux there is no such file, and the limit of core dumps is the user's to set.
pub fn keep_out_of_core_dumps() {
    let _ = fs::write("/proc/self/coredump_filter", "0");
}
