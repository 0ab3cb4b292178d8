//! What the operator does to accounts, from the command line.

use clap::{Subcommand, ValueEnum};
use service::{
    Db, Error, Result, Secret,
    entity::user,
    text::{DisplayName, Email},
};

use crate::{config::Config, state::Clock};

/// What to do to an account.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Make an account and print a link to set its password.
    Create {
        /// Sign-in name.
        email: String,
        /// The name others see; the address up to the @ if not said.
        #[arg(long)]
        name: Option<String>,
        /// Standing on the site.
        #[arg(long, value_enum, default_value_t = Standing::Admin)]
        role: Standing,
    },
    /// Give an account its standing on the site. Gives no power inside any class.
    Grant {
        /// Sign-in name.
        email: String,
        /// Standing on the site.
        #[arg(long, value_enum)]
        role: Standing,
    },
    /// Shut an account out: its sessions end, its tokens are refused.
    Disable {
        /// Sign-in name.
        email: String,
    },
    /// Let an account in again.
    Enable {
        /// Sign-in name.
        email: String,
    },
    /// Print a link to set the account's password, good once, for one hour.
    ResetLink {
        /// Sign-in name.
        email: String,
    },
}

/// Standing on the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Standing {
    /// Takes part in classes.
    Member,
    /// May open classes where only teachers may.
    Teacher,
    /// Looks after accounts and settings.
    Admin,
}

impl From<Standing> for user::SiteRole {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Member => Self::Member,
            Standing::Teacher => Self::Teacher,
            Standing::Admin => Self::Admin,
        }
    }
}

/// Does it; what to print for the operator.
///
/// # Errors
/// Those of the use case; [`Error::Invalid`] for an address that cannot be one.
pub async fn run(db: &Db, config: &Config, clock: &Clock, command: Command) -> Result<String> {
    let at = clock.now();
    let parse = |text: &str| Email::parse(text).map_err(|flaw| Error::invalid("EMAIL", flaw));
    match command {
        Command::Create { email, name, role } => {
            let email = parse(&email)?;
            let name = name.unwrap_or_else(|| email.as_ref().split('@').next().unwrap_or_default().to_owned());
            let name = DisplayName::parse(&name).map_err(|flaw| Error::invalid("--name", flaw))?;
            let said = format!("created {}", email.as_ref());
            let token = service::admin::create(db, at, email, name, role.into()).await?;
            Ok(format!("{said}\n{}", link(config, &token)))
        }
        Command::Grant { email, role } => {
            let email = parse(&email)?;
            let said = format!("{} is {} now", email.as_ref(), format!("{role:?}").to_lowercase());
            service::admin::grant(db, at, email, role.into()).await.map(|()| said)
        }
        Command::Disable { email } => {
            let email = parse(&email)?;
            let said = format!("{} is disabled", email.as_ref());
            service::admin::disable(db, at, email).await.map(|()| said)
        }
        Command::Enable { email } => {
            let email = parse(&email)?;
            let said = format!("{} is enabled", email.as_ref());
            service::admin::enable(db, at, email).await.map(|()| said)
        }
        Command::ResetLink { email } => {
            let token = service::admin::reset_link(db, at, parse(&email)?).await?;
            Ok(link(config, &token))
        }
    }
}

/// What to tell the operator when it was not done.
#[must_use]
pub fn explain(error: &Error) -> String {
    match error {
        Error::NotFound => "no account has this address".to_owned(),
        Error::Invalid(fields) => {
            let lines: Vec<String> = fields.iter().map(|f| format!("{}: {}", f.pointer, f.flaw.detail)).collect();
            lines.join("; ")
        }
        other => other.to_string(),
    }
}

fn link(config: &Config, token: &Secret) -> String {
    format!("set the password within one hour, once: {}/reset/{}", config.public_url, token.expose())
}
