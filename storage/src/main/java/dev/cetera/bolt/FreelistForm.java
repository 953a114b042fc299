package dev.cetera.bolt;

/// What a commit does with the list of free pages. Files of either form are read.
public enum FreelistForm {
    /// Written with every commit, as etcd 3.2 does.
    STORED,
    /// Not written; found again at open by a walk over all pages, as etcd 3.3 and later do.
    NOT_STORED
}
