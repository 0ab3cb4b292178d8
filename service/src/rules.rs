//! What the operator decides for the whole site.

use entity::user::SiteRole;

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Who has an invitation code.
    Invite,
    /// Nobody; an administrator makes accounts.
    Closed,
}

/// Who may open classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassCreation {
    /// Everybody with an account.
    Anyone,
    /// Teachers and administrators.
    Teachers,
    /// Administrators.
    Admins,
}

/// The decisions together.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Who may register.
    pub registration: Registration,
    /// Who may open classes.
    pub class_creation: ClassCreation,
}

impl ClassCreation {
    /// Whether a person of this standing may open a class.
    #[must_use]
    pub fn allows(self, role: SiteRole) -> bool {
        match self {
            Self::Anyone => true,
            Self::Teachers => role != SiteRole::Member,
            Self::Admins => role == SiteRole::Admin,
        }
    }
}
