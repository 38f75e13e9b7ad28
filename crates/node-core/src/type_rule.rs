//! Which data types a port takes: TensorFlow's rules.

use crate::dtype::DType;
use crate::name::Name;

/// A type variable of a block: TensorFlow's `T`, `Tidx`, `SrcT`, …
#[derive(Clone, Debug, PartialEq)]
pub struct TypeVar {
    /// Its name. An attribute of this name binds it; else what is wired does.
    pub name: Name,
    /// The types that it can be.
    pub allowed: Vec<DType>,
    /// What it is where nothing binds it, if TensorFlow says so.
    pub default: Option<DType>,
}

impl TypeVar {
    /// What a number without a type of its own is, where nothing else binds the variable.
    pub fn of_numbers(&self) -> DType {
        let float32 = Some(DType::Float32).filter(|dtype| self.allowed.contains(dtype));
        self.default.or(float32).or(self.allowed.first().copied()).unwrap_or(DType::Float32)
    }
}

/// Which data types a tensor port takes.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeRule {
    /// One type.
    Fixed(DType),
    /// What the variable is: the same for every port of the block with it.
    Var(TypeVar),
    /// Any that the variable can be, each tensor its own: TensorFlow's `list(type)`.
    Each(TypeVar),
}

impl TypeRule {
    /// That of a port that carries no tensors.
    pub fn none() -> TypeRule {
        TypeRule::Each(TypeVar { name: Name::Borrowed(""), allowed: Vec::new(), default: None })
    }

    /// The rule that a handle declares; `is_list` for a list whose tensors have types of their own.
    pub(crate) fn declared(types: Types, variable: Option<&'static str>, is_list: bool) -> TypeRule {
        match types {
            Types::Fixed(dtype) => TypeRule::Fixed(dtype),
            Types::Var { name, allowed, default, each } => {
                let name = Name::Borrowed(variable.unwrap_or(name));
                let variable = TypeVar { name, allowed: allowed.to_vec(), default };
                if each || is_list { TypeRule::Each(variable) } else { TypeRule::Var(variable) }
            }
        }
    }

    /// The same rule, if these types are all that is allowed.
    pub(crate) fn among(mut self, dtypes: Option<&[DType]>) -> TypeRule {
        if let (TypeRule::Var(variable) | TypeRule::Each(variable), Some(dtypes)) = (&mut self, dtypes) {
            variable.allowed = dtypes.to_vec();
        }
        self
    }

    /// The types allowed.
    pub fn dtypes(&self) -> Vec<DType> {
        match self {
            TypeRule::Fixed(dtype) => vec![*dtype],
            TypeRule::Var(variable) | TypeRule::Each(variable) => variable.allowed.clone(),
        }
    }

    /// The names of the types allowed, for messages.
    pub fn names(&self) -> String {
        self.dtypes().iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(", ")
    }

    /// Whether `dtype` is allowed.
    pub fn allows(&self, dtype: DType) -> bool {
        match self {
            TypeRule::Fixed(fixed) => *fixed == dtype,
            TypeRule::Var(variable) | TypeRule::Each(variable) => variable.allowed.contains(&dtype),
        }
    }

    /// The type that a literal takes here whatever it looks like.
    pub fn fixed(&self) -> Option<DType> {
        match self {
            TypeRule::Fixed(dtype) => Some(*dtype),
            _ => None,
        }
    }

    /// The variable that decides, or each tensor's own.
    pub fn variable(&self) -> Option<&TypeVar> {
        match self {
            TypeRule::Fixed(_) => None,
            TypeRule::Var(variable) | TypeRule::Each(variable) => Some(variable),
        }
    }
}

/// What a Rust type says of a port's data types.
#[derive(Clone, Copy, Debug)]
pub enum Types {
    /// One type.
    Fixed(DType),
    /// A variable.
    Var {
        /// Its name, where the port gives no other.
        name: &'static str,
        /// The types that it can be.
        allowed: &'static [DType],
        /// What it is where nothing binds it.
        default: Option<DType>,
        /// Whether each tensor has a type of its own.
        each: bool,
    },
}

/// A Rust type that stands for a port's data types.
pub trait PortTypes: Copy + 'static {
    /// What it says.
    const TYPES: Types;
}

const fn variable(name: &'static str, allowed: &'static [DType]) -> Types {
    Types::Var { name, allowed, default: None, each: false }
}

/// Numbers with an order: TensorFlow's `realnumbertype`. All ports of a block with this type share one data type.
#[derive(Clone, Copy, Debug)]
pub struct Real;

impl PortTypes for Real {
    const TYPES: Types = variable("T", DType::REAL);
}

/// Floating-point numbers. All ports of a block with this type share one data type.
#[derive(Clone, Copy, Debug)]
pub struct Floating;

impl PortTypes for Floating {
    const TYPES: Types = variable("T", DType::FLOATING);
}

/// Any data type; all ports of a block with this type share one.
#[derive(Clone, Copy, Debug)]
pub struct Same;

impl PortTypes for Same {
    const TYPES: Types = variable("T", &DType::ALL);
}

/// Any data type, whatever other ports have.
#[derive(Clone, Copy, Debug)]
pub struct Any;

impl PortTypes for Any {
    const TYPES: Types = Types::Var { name: "T", allowed: &DType::ALL, default: None, each: true };
}

/// Numbers and booleans; all ports of a block with this type share one data type.
#[derive(Clone, Copy, Debug)]
pub struct Numeric;

impl PortTypes for Numeric {
    const TYPES: Types = variable("T", DType::NUMERIC);
}

/// `int32` or `int64`, `int32` where nothing says which: TensorFlow's `Tidx`.
#[derive(Clone, Copy, Debug)]
pub struct Index;

impl PortTypes for Index {
    const TYPES: Types =
        Types::Var { name: "Tidx", allowed: &[DType::Int32, DType::Int64], default: Some(DType::Int32), each: false };
}

impl PortTypes for f32 {
    const TYPES: Types = Types::Fixed(DType::Float32);
}

impl PortTypes for u8 {
    const TYPES: Types = Types::Fixed(DType::UInt8);
}

impl PortTypes for i32 {
    const TYPES: Types = Types::Fixed(DType::Int32);
}

impl PortTypes for i64 {
    const TYPES: Types = Types::Fixed(DType::Int64);
}

impl PortTypes for bool {
    const TYPES: Types = Types::Fixed(DType::Bool);
}
