//! `colloquium demo`: a class to look around in, with conversations of our own writing. It comes in the way everything
//! does, through the use cases and the importer, so it shows what is there and nothing else.

mod discussion;

use std::io::Cursor;

use service::{
    Actor, Db, Error, Secret, class, enrolment,
    entity::{ClassId, ImportId, conversation::Visibility, enrolment::Role},
    import::{self, Begun, Selection},
    invite,
    password::{Hasher, on_the_spot},
    rules::{ClassCreation, Registration, Rules},
    text::{ClassName, Description, DisplayName, Email, Label, NewPassword, Title},
    transcript::Piece,
    user::{self, Register},
};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::{
    config::{Config, Profile},
    state::Clock,
};

/// Why there is no demo class.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A place for real people.
    #[error("this is a production server, and the demo's people are no people; set COLLOQUIUM_PROFILE=development")]
    Production,
    /// Somebody is there already.
    #[error("there are accounts here already; name an empty place with COLLOQUIUM_DATA_DIR or DATABASE_URL")]
    NotEmpty,
    /// Something in between went wrong.
    #[error(transparent)]
    Service(#[from] Error),
}

/// Site rules that let the demo's people do what they do, whatever the server's own are.
const RULES: Rules = Rules { registration: Registration::Open, class_creation: ClassCreation::Anyone };

const CHATGPT: &str = include_str!("../demo/chatgpt.json");
const CLAUDE: &str = include_str!("../demo/claude.json");
/// One conversation, as somebody pastes it.
pub const PASTED: &str = include_str!("../demo/pasted.txt");

/// What one of the students brings in: whose, from where, which of it, for whom.
const BROUGHT: [(usize, &str, Option<&str>, Visibility); 6] = [
    (0, CHATGPT, Some("Is my argument circular?"), Visibility::Staff),
    (0, CHATGPT, Some("Why switching doors wins"), Visibility::Class),
    (1, CLAUDE, Some("Translating a proverb from Arabic"), Visibility::Private),
    (1, CLAUDE, Some("What does enframing mean?"), Visibility::Class),
    (2, CLAUDE, Some("A positive test, and now?"), Visibility::Class),
    (2, PASTED, None, Visibility::Class),
];

/// Somebody of the demo class.
struct Somebody {
    email: String,
    password: Secret,
    actor: Actor,
}

/// Fills an empty database; what to print for the operator.
///
/// # Errors
/// [`DemoError`]; nothing is changed in the first two cases.
pub async fn run(db: &Db, config: &Config, clock: &Clock) -> Result<String, DemoError> {
    if config.profile == Profile::Production {
        return Err(DemoError::Production);
    }
    if !user::nobody_yet(db).await? {
        return Err(DemoError::NotEmpty);
    }
    let hasher = Hasher::new(config.hash_cost, 1)?;
    let teacher = register(db, &hasher, clock, "teacher", "Demo Teacher").await?;
    let class = open_class(db, &teacher).await?;
    let code = invitation(db, &teacher, class).await?;
    let mut students = Vec::new();
    for number in 1..=3 {
        let name = format!("student{number}");
        let student = register(db, &hasher, clock, &name, &format!("Demo Student {number}")).await?;
        enrolment::join(db, &student.actor, code.clone()).await?;
        students.push(student);
    }
    for (whose, file, title, visibility) in BROUGHT {
        if let Some(student) = students.get(whose) {
            bring(db, &student.actor, class, file, title, visibility).await?;
        }
    }
    let people: Vec<&Actor> = std::iter::once(&teacher).chain(&students).map(|somebody| &somebody.actor).collect();
    discussion::fill(db, &people, class).await?;
    Ok(told(config, &teacher, &students))
}

async fn register(db: &Db, hasher: &Hasher, clock: &Clock, name: &str, shown: &str) -> Result<Somebody, Error> {
    let email = format!("{name}@demo.example");
    let password = on_the_spot()?;
    let at = clock.now();
    let new = Register {
        email: Email::parse(&email).map_err(|flaw| Error::invalid("email", flaw))?,
        display_name: DisplayName::parse(shown).map_err(|flaw| Error::invalid("name", flaw))?,
        password: NewPassword::parse(password.expose(), &[]).map_err(|flaw| Error::invalid("password", flaw))?,
        invite_code: None,
    };
    let (account, _) = user::register(db, hasher, RULES, at, new).await?;
    Ok(Somebody { email, password, actor: Actor { user: account.id, at, credential: None, once: None } })
}

async fn open_class(db: &Db, teacher: &Somebody) -> Result<ClassId, Error> {
    let about = "Bring one conversation with an AI a week. We read them together, and ask what each answer rests on.";
    let new = class::NewClass {
        name: ClassName::parse("Thinking with machines").map_err(|flaw| Error::invalid("name", flaw))?,
        code: Some(Label::parse("PHIL 101").map_err(|flaw| Error::invalid("code", flaw))?),
        description: Some(Description::parse(about).map_err(|flaw| Error::invalid("description", flaw))?),
        time_zone: None,
        external_id: None,
    };
    Ok(class::create(db, &teacher.actor, RULES, new).await?.value)
}

async fn invitation(db: &Db, teacher: &Somebody, class: ClassId) -> Result<String, Error> {
    let new = invite::NewInvite { role: Role::Student, expires_at: None, max_uses: None, section: None };
    let id = invite::create(db, &teacher.actor, class, new).await?.value;
    Ok(invite::show(db, &teacher.actor, id).await?.code)
}

/// One conversation of a file comes in; a pasted one gets a title, as a person would give it.
async fn bring(
    db: &Db,
    student: &Actor,
    class: ClassId,
    file: &'static str,
    title: Option<&str>,
    visibility: Visibility,
) -> Result<(), Error> {
    let own = Title::parse("Three sources, please").map_err(|flaw| Error::invalid("title", flaw))?;
    let mut request = import::Request {
        class,
        visibility,
        select: Selection::All,
        title: Some(own),
        bytes: u64::try_from(file.len()).unwrap_or(u64::MAX),
        hash: Sha256::digest(file).into(),
    };
    let pieces = || vec![Piece { name: None, source: Cursor::new(file) }];
    if let Some(title) = title {
        let all = import::rehearse(db, student, request.clone(), pieces()).await?;
        let named = all.imported.into_iter().filter(|line| line.title.as_deref() == Some(title));
        request.select = Selection::Ids(named.filter_map(|line| line.source_id).collect());
    }
    if let Begun::Open(id) = import::begin(db, student, &request, ImportId::new()).await? {
        let (standing, _) = watch::channel(import::Standing::default());
        import::run(db, student, id, request, pieces(), &standing).await?;
    }
    Ok(())
}

fn told(config: &Config, teacher: &Somebody, students: &[Somebody]) -> String {
    let line = |somebody: &Somebody| format!("  {}   {}", somebody.email, somebody.password.expose());
    let lines: Vec<String> = std::iter::once(teacher).chain(students).map(line).collect();
    format!(
        "The class \"Thinking with machines\" is there. Start the server and log in at {}/login as\n\n{}\n\n\
         These passwords were made just now and are kept nowhere.",
        config.public_url,
        lines.join("\n")
    )
}
