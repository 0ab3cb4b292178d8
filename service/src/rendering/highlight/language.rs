//! What is known of each language.

/// How code of one family of languages reads.
#[derive(Debug)]
pub(super) struct Language {
    /// What begins a comment that ends with its line.
    pub(super) comments: &'static [&'static str],
    /// What begins and ends a comment of any length.
    pub(super) blocks: &'static [(&'static str, &'static str)],
    /// What stands around a string, longer marks first.
    pub(super) strings: &'static [&'static str],
    /// A backslash takes away the meaning of what follows in a string.
    pub(super) escapes: bool,
    /// Words of the language, with a space between.
    pub(super) keywords: &'static str,
    /// Keywords may be written in capitals.
    pub(super) any_case: bool,
    /// What may begin a word besides letters.
    pub(super) sigils: &'static str,
    /// What may stand inside a word besides letters and digits.
    pub(super) words: &'static str,
    /// Words before a colon or an equals sign are keys.
    pub(super) keys: bool,
    /// Words before a bracket are called, those with a capital are types.
    pub(super) calls: bool,
    /// Tags stand between angle brackets.
    pub(super) markup: bool,
    /// The first character of a line says what it is.
    pub(super) diff: bool,
}

const PLAIN: Language = Language {
    comments: &[],
    blocks: &[],
    strings: &["\"", "'"],
    escapes: true,
    keywords: "",
    any_case: false,
    sigils: "",
    words: "",
    keys: false,
    calls: true,
    markup: false,
    diff: false,
};

const C: Language = Language {
    comments: &["//"],
    blocks: &[("/*", "*/")],
    keywords: "abstract alignas as assert async auto await bool boolean break byte case catch char class const constexpr \
continue data decimal default defer delegate delete do double dynamic else enum event explicit export extends extern \
extension false final finally fixed float fn for foreach friend func fun go goto guard if implements import in init inline \
inout instanceof int interface internal is let lock long map namespace native new nil null nullptr object operator out \
override package params private protected protocol public range readonly record ref register return sealed select self \
short signed sizeof static string struct super switch synchronized template this throw throws transient true try type \
typedef typename union unsafe unsigned using val var virtual void volatile when where while with yield chan fallthrough",
    sigils: "#@",
    ..PLAIN
};

const JAVASCRIPT: Language = Language {
    strings: &["\"", "'", "`"],
    keywords: "abstract any as async await boolean break case catch class const continue debugger declare default delete do \
else enum export extends false finally for from function get if implements import in infer instanceof interface is keyof let \
namespace never new null number of private protected public readonly return satisfies set static string super switch \
symbol this throw true try type typeof undefined unknown var void while with yield",
    sigils: "@$",
    words: "$",
    ..C
};

const RUST: Language = Language {
    keywords: "as async await bool box break char const continue crate dyn else enum extern f32 f64 false fn for i8 i16 i32 \
i64 i128 if impl in isize let loop match mod move mut pub ref return self Self static str struct super trait true type u8 \
u16 u32 u64 u128 union unsafe use usize where while",
    sigils: "",
    words: "!",
    ..C
};

const PYTHON: Language = Language {
    comments: &["#"],
    strings: &["\"\"\"", "'''", "\"", "'"],
    keywords: "and as assert async await break case class continue def del elif else except False finally for from global if \
import in is lambda match None nonlocal not or pass raise return self True try while with yield",
    sigils: "@",
    ..PLAIN
};

const RUBY: Language = Language {
    comments: &["#"],
    keywords: "alias and BEGIN begin break case class def defined do else elsif END end ensure false for if in library local \
module next nil not or function repeat require rescue retry return self super then true TRUE FALSE NULL NA undef unless \
until when while yield end mutable using struct my our sub use foreach print",
    sigils: "@$",
    words: "?!",
    ..PLAIN
};

const SHELL: Language = Language {
    comments: &["#"],
    keywords: "begin case cd do done echo elif else end esac exit export fi for foreach from function if in local param \
process return select set source sudo then trap try catch unset until while FROM RUN CMD COPY ADD ENV WORKDIR EXPOSE \
ENTRYPOINT ARG USER VOLUME LABEL",
    sigils: "$",
    words: "-",
    calls: false,
    ..PLAIN
};

const SQL: Language = Language {
    comments: &["--"],
    blocks: &[("/*", "*/")],
    escapes: false,
    keywords: "add all alter and any as asc begin between bigint boolean by cascade case cast check column commit constraint \
create cross current_date current_timestamp database date default delete desc distinct drop else end exists explain false \
foreign from full group having if in index inner insert int integer into is join key left like limit not null numeric \
offset on or order outer over partition primary references returning right rollback select serial set table text then \
timestamp to transaction true truncate union unique update using uuid values varchar view when where with",
    any_case: true,
    ..PLAIN
};

const KEYED: Language = Language {
    comments: &["#"],
    keywords: "true false null yes no on off",
    words: "-.",
    keys: true,
    calls: false,
    ..PLAIN
};

const JSON: Language = Language { comments: &["//"], strings: &["\""], keywords: "true false null", ..KEYED };

const MARKUP: Language = Language {
    blocks: &[("<!--", "-->")],
    strings: &["\"", "'"],
    escapes: false,
    words: "-:",
    keys: true,
    calls: false,
    markup: true,
    ..PLAIN
};

const CSS: Language = Language {
    blocks: &[("/*", "*/")],
    sigils: "@#.$",
    words: "-",
    keys: true,
    calls: true,
    keywords: "important inherit initial none auto",
    ..PLAIN
};

const FUNCTIONAL: Language = Language {
    comments: &["--", ";"],
    blocks: &[("{-", "-}"), ("(*", "*)")],
    strings: &["\""],
    keywords: "and begin case class cond data def define defmodule defn deriving do else elseif end exception false forall \
for fun function if import in infixl infixr instance lambda let local match module mutable newtype nil not of open or \
qualified rec repeat return sig struct then true try type until val when where while with",
    words: "'-",
    ..PLAIN
};

const PERCENT: Language = Language {
    comments: &["%"],
    strings: &["\"", "'"],
    keywords: "break case catch continue else elseif end for function global if otherwise persistent return switch try while",
    sigils: "\\",
    escapes: false,
    ..PLAIN
};

const DIFF: Language = Language { strings: &[], calls: false, diff: true, ..PLAIN };

/// The names people write behind the fence, in small letters, and how such code reads.
pub(super) const NAMES: &[(&[&str], Language)] = &[
    (
        &[
            "c",
            "h",
            "c++",
            "cpp",
            "cc",
            "hpp",
            "cs",
            "csharp",
            "c#",
            "java",
            "kotlin",
            "kt",
            "swift",
            "go",
            "golang",
            "scala",
            "dart",
            "objc",
            "objective-c",
            "php",
            "groovy",
            "glsl",
            "hlsl",
            "cuda",
            "zig",
            "solidity",
            "proto",
            "protobuf",
        ],
        C,
    ),
    (&["js", "javascript", "jsx", "mjs", "ts", "typescript", "tsx", "node", "vue", "svelte"], JAVASCRIPT),
    (&["rust", "rs"], RUST),
    (&["py", "python", "python3", "ipython", "pycon", "gdscript"], PYTHON),
    (&["rb", "ruby", "r", "julia", "jl", "perl", "pl", "elixir", "ex", "crystal"], RUBY),
    (
        &[
            "sh",
            "bash",
            "zsh",
            "shell",
            "console",
            "shell-session",
            "fish",
            "powershell",
            "ps1",
            "dockerfile",
            "docker",
            "make",
            "makefile",
            "nginx",
            "cmake",
        ],
        SHELL,
    ),
    (&["sql", "postgres", "postgresql", "psql", "mysql", "sqlite", "plsql", "tsql"], SQL),
    (&["yaml", "yml", "toml", "ini", "conf", "properties", "dotenv", "env", "hcl", "terraform", "tf"], KEYED),
    (&["json", "jsonc", "json5", "jsonl", "geojson"], JSON),
    (&["html", "xml", "svg", "xhtml", "rss", "vb.net-xml", "xaml"], MARKUP),
    (&["css", "scss", "sass", "less"], CSS),
    (
        &[
            "haskell", "hs", "lua", "elm", "ocaml", "ml", "fsharp", "f#", "lisp", "clojure", "clj", "scheme", "racket",
            "lean", "coq", "agda", "ada", "vhdl",
        ],
        FUNCTIONAL,
    ),
    (&["matlab", "octave", "latex", "tex", "prolog", "erlang"], PERCENT),
    (&["diff", "patch"], DIFF),
];
