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
    /// What begins and ends a string of any length in which a backslash means nothing.
    pub(super) raw: &'static [(&'static str, &'static str)],
    /// What an apostrophe begins.
    pub(super) apostrophe: Apostrophe,
    /// A slash begins a regular expression where no operand stands before it, and `${` goes on with code in a string
    /// between backticks.
    pub(super) regex: bool,
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

/// What an apostrophe begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apostrophe {
    /// What the list of strings says.
    String,
    /// One character between two of them; alone it is a lifetime, an attribute or part of a name.
    Character,
    /// A string, but not right behind a word or a bracket, where it transposes a matrix.
    Transposition,
}

const PLAIN: Language = Language {
    comments: &[],
    blocks: &[],
    strings: &["\"", "'"],
    raw: &[],
    apostrophe: Apostrophe::String,
    regex: false,
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
    apostrophe: Apostrophe::Character,
    ..PLAIN
};

const CPP: Language = Language { raw: &[("R\"(", ")\"")], ..C };

const JAVA: Language = Language { strings: &["\"\"\"", "\""], sigils: "@", ..C };

const DART: Language =
    Language { strings: &["\"\"\"", "'''", "\"", "'"], apostrophe: Apostrophe::String, sigils: "@", ..C };

const CSHARP: Language = Language { strings: &["\"\"\"", "\""], raw: &[("@\"", "\"")], ..C };

const GO: Language = Language { raw: &[("`", "`")], strings: &["\""], sigils: "", ..C };

const PHP: Language = Language { comments: &["//", "#"], apostrophe: Apostrophe::String, sigils: "$@", ..C };

const VERILOG: Language = Language { strings: &["\""], sigils: "`$", ..C };

const JAVASCRIPT: Language = Language {
    strings: &["\"", "'", "`"],
    apostrophe: Apostrophe::String,
    regex: true,
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
    raw: &[("r##\"", "\"##"), ("r#\"", "\"#"), ("r\"", "\"")],
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

const SCRIPT: Language = Language { blocks: &[("=begin", "=end"), ("=pod", "=cut")], regex: true, ..RUBY };

const ELIXIR: Language = Language { strings: &["\"\"\"", "\"", "'"], ..RUBY };

const R: Language = Language { strings: &["\"", "'", "`"], sigils: "", words: ".", ..RUBY };

const JULIA: Language = Language {
    blocks: &[("#=", "=#")],
    strings: &["\"\"\"", "\""],
    apostrophe: Apostrophe::Character,
    sigils: "@",
    ..RUBY
};

const NIM: Language = Language { blocks: &[("#[", "]#")], strings: &["\"\"\"", "\""], ..RUBY };

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

const POWERSHELL: Language =
    Language { blocks: &[("<#", "#>")], raw: &[("@\"", "\"@"), ("@'", "'@")], escapes: false, any_case: true, ..SHELL };

const BATCH: Language =
    Language { comments: &["::", "REM ", "rem ", "@rem ", "@REM "], strings: &["\""], escapes: false, ..SHELL };

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

const TOML: Language = Language { strings: &["\"\"\"", "'''", "\"", "'"], ..KEYED };

const INI: Language = Language { comments: &["#", ";"], ..KEYED };

const HCL: Language = Language { comments: &["#", "//"], blocks: &[("/*", "*/")], ..KEYED };

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

const SCSS: Language = Language { comments: &["//"], ..CSS };

const HASKELL: Language = Language {
    comments: &["--"],
    blocks: &[("{-", "-}")],
    strings: &["\""],
    apostrophe: Apostrophe::Character,
    keywords: "and begin case class cond data def define defmodule defn deriving do else elseif end exception false forall \
for fun function if import in infixl infixr instance lambda let local match module mutable newtype nil not of open or \
qualified rec repeat return sig struct then true try type until val when where while with",
    words: "'",
    ..PLAIN
};

const LEAN: Language = Language { blocks: &[("/-", "-/")], ..HASKELL };

const OCAML: Language = Language { comments: &[], blocks: &[("(*", "*)")], ..HASKELL };

const FSHARP: Language = Language { comments: &["//"], blocks: &[("(*", "*)")], strings: &["\"\"\"", "\""], ..HASKELL };

const LISP: Language =
    Language { comments: &[";"], blocks: &[("#|", "|#")], words: "-*?!/", apostrophe: Apostrophe::String, ..HASKELL };

const LUA: Language = Language {
    comments: &["--"],
    blocks: &[("--[[", "]]"), ("--[=[", "]=]")],
    raw: &[("[[", "]]"), ("[=[", "]=]")],
    sigils: "",
    words: "",
    ..RUBY
};

const ADA: Language = Language {
    comments: &["--"],
    strings: &["\""],
    apostrophe: Apostrophe::Character,
    escapes: false,
    any_case: true,
    keywords: "abs accept access all and architecture array at begin body case component constant declare delay delta digits \
do downto else elsif end entity entry exception exit for function generic goto if in inout is library limited loop map mod \
new not null of or others out package pragma port private procedure process protected raise range record rem renames \
return reverse select separate signal subtype tagged task terminate then to type until use variable wait when while with xor",
    ..PLAIN
};

const PASCAL: Language = Language {
    comments: &["//"],
    blocks: &[("{", "}"), ("(*", "*)")],
    strings: &["'", "\""],
    escapes: false,
    any_case: true,
    keywords: "and array as begin case class const constructor destructor div do downto else end except finally for function \
if implementation in inherited interface is mod nil not object of on or procedure program property raise record repeat \
set shl shr string then to try type unit until uses var while with xor",
    ..PLAIN
};

const BASIC: Language = Language {
    comments: &["'"],
    strings: &["\""],
    escapes: false,
    any_case: true,
    keywords: "and as boolean byref byval call case class const dim do double each else elseif end exit false for function get \
if imports in integer is let long loop me module new next not nothing object on option or private property public \
redim return select set static step string sub then to true until variant wend while with xor",
    ..PLAIN
};

const FORTRAN: Language = Language {
    comments: &["!"],
    escapes: false,
    any_case: true,
    keywords: "allocatable allocate allocated call case character complex contains continue cycle deallocate dimension do \
double elemental else elseif end enddo endif exit external function if implicit in inout integer intent interface \
intrinsic kind logical module none only out parameter pointer precision print private procedure program public pure read \
real recursive result return save select stop subroutine target then type use where while write",
    ..PLAIN
};

const ASSEMBLER: Language = Language {
    comments: &[";", "//", "# "],
    blocks: &[("/*", "*/")],
    keywords: "add and bl bx call cmp db dd dw dq equ extern global int ja jb je jg jl jmp jne jnz jz ldr lea mov movl movq mul \
nop or pop push ret section segment str sub svc syscall test xor",
    any_case: true,
    sigils: ".%$@",
    ..PLAIN
};

const TEX: Language = Language { comments: &["%"], strings: &[], sigils: "\\", calls: false, ..PLAIN };

const MATLAB: Language = Language { blocks: &[("%{", "%}")], apostrophe: Apostrophe::Transposition, ..PERCENT };

const OCTAVE: Language = Language { comments: &["%", "#"], ..MATLAB };

const PROLOG: Language = Language { blocks: &[("/*", "*/")], escapes: true, ..PERCENT };

const PERCENT: Language = Language {
    comments: &["%"],
    strings: &["\"", "'"],
    keywords: "break case catch continue else elseif end for function global if otherwise persistent return switch try while",
    escapes: false,
    ..PLAIN
};

const DIFF: Language = Language { strings: &[], calls: false, diff: true, ..PLAIN };

/// The names people write behind the fence, in small letters, and how such code reads.
pub(super) const NAMES: &[(&[&str], Language)] = &[
    (
        &["c", "h", "objc", "objective-c", "glsl", "hlsl", "cuda", "zig", "solidity", "proto", "protobuf", "d", "haxe"],
        C,
    ),
    (&["c++", "cpp", "cc", "hpp", "cxx", "arduino", "ino"], CPP),
    (&["java", "kotlin", "kt", "swift", "scala", "groovy", "gradle"], JAVA),
    (&["dart"], DART),
    (&["cs", "csharp", "c#"], CSHARP),
    (&["go", "golang"], GO),
    (&["php"], PHP),
    (&["verilog", "systemverilog", "sv"], VERILOG),
    (&["js", "javascript", "jsx", "mjs", "ts", "typescript", "tsx", "node", "vue", "svelte"], JAVASCRIPT),
    (&["rust", "rs"], RUST),
    (&["py", "python", "python3", "ipython", "pycon", "gdscript", "starlark"], PYTHON),
    (&["rb", "ruby", "perl", "pl", "awk"], SCRIPT),
    (&["crystal", "tcl"], RUBY),
    (&["elixir", "ex", "exs", "graphql"], ELIXIR),
    (&["r"], R),
    (&["julia", "jl"], JULIA),
    (&["nim"], NIM),
    (&["sh", "bash", "zsh", "shell", "console", "shell-session", "fish"], SHELL),
    (&["dockerfile", "docker", "make", "makefile", "nginx", "cmake"], SHELL),
    (&["powershell", "ps1", "pwsh"], POWERSHELL),
    (&["bat", "batch", "cmd"], BATCH),
    (&["sql", "postgres", "postgresql", "psql", "mysql", "sqlite", "plsql", "tsql"], SQL),
    (&["yaml", "yml"], KEYED),
    (&["toml"], TOML),
    (&["ini", "conf", "properties", "dotenv", "env", "cfg", "editorconfig"], INI),
    (&["hcl", "terraform", "tf"], HCL),
    (&["json", "jsonc", "json5", "jsonl", "geojson"], JSON),
    (&["html", "xml", "svg", "xhtml", "rss", "vb.net-xml", "xaml"], MARKUP),
    (&["css"], CSS),
    (&["scss", "sass", "less"], SCSS),
    (&["haskell", "hs", "elm", "agda", "purescript", "idris"], HASKELL),
    (&["lean", "lean4"], LEAN),
    (&["ocaml", "ml", "sml", "coq"], OCAML),
    (&["fsharp", "f#", "fs"], FSHARP),
    (&["lisp", "clojure", "clj", "scheme", "racket", "elisp", "emacs-lisp", "common-lisp"], LISP),
    (&["lua", "luau"], LUA),
    (&["ada", "vhdl"], ADA),
    (&["pascal", "delphi"], PASCAL),
    (&["vb", "vba", "vbnet", "vb.net", "basic"], BASIC),
    (&["fortran", "f90", "f95"], FORTRAN),
    (&["asm", "assembly", "assembler", "nasm", "x86asm", "armasm", "mips"], ASSEMBLER),
    (&["latex", "tex"], TEX),
    (&["matlab"], MATLAB),
    (&["octave"], OCTAVE),
    (&["prolog", "erlang", "erl"], PROLOG),
    (&["diff", "patch"], DIFF),
];
