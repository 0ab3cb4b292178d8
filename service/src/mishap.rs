//! What can go wrong here without a fault of the caller or the database: one name each, for the log and the answer.

/// Something of ours that went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// A unit of work panicked; it was undone.
    UnitPanicked,
    /// A unit of work did not give its transaction back; it was undone.
    TransactionKept,
    /// Work away from the workers panicked.
    WorkPanicked,
    /// The server stops, and takes no more work.
    Stopping,
    /// Connections were still in use when the time for closing them was over.
    CloseTimedOut,
    /// The system gives no random bytes.
    NoRandomness,
    /// A password cannot be hashed, or a stored hash is none.
    Hash,
    /// Something stored is not what it should be.
    Stored,
    /// A file that was received cannot be read again.
    UploadUnreadable,
}

impl Mishap {
    /// Its name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnitPanicked => "unit_panicked",
            Self::TransactionKept => "transaction_kept",
            Self::WorkPanicked => "work_panicked",
            Self::Stopping => "stopping",
            Self::CloseTimedOut => "close_timed_out",
            Self::NoRandomness => "no_randomness",
            Self::Hash => "password_hash",
            Self::Stored => "stored_value",
            Self::UploadUnreadable => "upload_unreadable",
        }
    }

    /// What to tell the person: what became of the request, nothing of how the server works.
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::UnitPanicked | Self::TransactionKept => "something went wrong here and nothing was changed",
            Self::WorkPanicked => "something went wrong here before this came to its end",
            Self::Stopping => "the server is being stopped; try again in a moment",
            Self::CloseTimedOut => "the database could not be closed in time",
            Self::NoRandomness => "the server has no random numbers now, and nothing was changed",
            Self::Hash => "the password could not be looked at",
            Self::Stored => "something stored here cannot be read",
            Self::UploadUnreadable => "what you sent could not be read again here; send it once more",
        }
    }
}
