//! The layers of a configuration, put together: what each setting is and where that came from.
//!
//! Invariant: a later layer wins, and a name that no setting has is refused in every layer, with
//! its source.
//!
//! Absent: what the settings mean ([`super`]).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::{ConfigError, SETTINGS};

/// Variables with our prefix that are not the server's.
const OTHER_VARIABLES: &[&str] = &[
    "POSTFACH_LANG",
    "POSTFACH_HOME",
    "POSTFACH_PASSPHRASE_FILE",
    "POSTFACH_CONFIG",
];
const PREFIX: &str = "POSTFACH_";

/// What the configuration is made of; later ones win.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Path and content of the file, if there is one.
    pub file: Option<(PathBuf, String)>,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    /// Dotted names and values from the command line.
    pub flags: Vec<(String, String)>,
}

/// Every setting with its value and where it came from.
#[derive(Debug, Clone)]
pub struct Effective(BTreeMap<&'static str, (String, Source)>);

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The environment variable of this name.
    Environment(String),
    /// A flag on the command line.
    Flag,
}

impl Effective {
    pub(super) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let mut all = Self(BTreeMap::new());
        for (name, default) in SETTINGS {
            if let Some(default) = default {
                all.0.insert(name, ((*default).to_owned(), Source::Default));
            }
        }
        if let Some((path, text)) = &layers.file {
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
                let line = error
                    .span()
                    .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
                ConfigError::File(path.clone(), line, error.message().to_owned())
            })?;
            all.set_table("", &table, path)?;
        }
        for (variable, value) in &layers.environment {
            all.set_variable(variable, value)?;
        }
        for (name, value) in &layers.flags {
            all.set(name, value.clone(), Source::Flag)?;
        }
        Ok(all)
    }

    fn set_table(
        &mut self,
        prefix: &str,
        table: &toml::Table,
        path: &Path,
    ) -> Result<(), ConfigError> {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            let text = match value {
                toml::Value::Table(inner) => {
                    self.set_table(&format!("{name}."), inner, path)?;
                    continue;
                }
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                other => other.to_string(),
            };
            self.set(&name, text, Source::File(path.to_owned()))?;
        }
        Ok(())
    }

    /// A variable with our prefix that is nobody's is a typing error, not a wish for the default.
    fn set_variable(&mut self, variable: &str, value: &str) -> Result<(), ConfigError> {
        if !variable.starts_with(PREFIX) || OTHER_VARIABLES.contains(&variable) {
            return Ok(());
        }
        let source = Source::Environment(variable.to_owned());
        let named = SETTINGS
            .iter()
            .find(|(name, _)| variable_name(name) == variable);
        match named {
            Some((name, _)) => self.set(name, value.to_owned(), source),
            None => Err(ConfigError::Unknown(variable.to_owned(), source)),
        }
    }

    fn set(&mut self, name: &str, value: String, source: Source) -> Result<(), ConfigError> {
        let known = SETTINGS.iter().find(|(known, _)| *known == name);
        let Some((known, _)) = known else {
            return Err(ConfigError::Unknown(name.to_owned(), source));
        };
        self.0.insert(known, (value, source));
        Ok(())
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// The value of a setting that may be left out.
    pub(crate) fn optional(&self, name: &'static str) -> Option<&str> {
        let value = self.0.get(name).map(|(text, _)| text.as_str());
        value.filter(|text| !text.is_empty())
    }

    pub(crate) fn parse<T: FromStr<Err: fmt::Display>>(
        &self,
        name: &'static str,
    ) -> Result<T, ConfigError> {
        let parsed = self.text(name)?.parse::<T>();
        parsed.map_err(|why| self.invalid(name, &why.to_string()))
    }

    pub(super) fn parse_given<T: FromStr<Err: fmt::Display>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        self.optional(name).map(|_| self.parse(name)).transpose()
    }

    /// A value that this function accepts.
    pub(super) fn checked(
        &self,
        name: &'static str,
        check: impl FnOnce(&str) -> Result<(), &'static str>,
    ) -> Result<String, ConfigError> {
        let text = self.text(name)?;
        check(text).map_err(|why| self.invalid(name, why))?;
        Ok(text.to_owned())
    }

    pub(crate) fn positive<T: FromStr<Err: fmt::Display> + PartialOrd + Default>(
        &self,
        name: &'static str,
    ) -> Result<T, ConfigError> {
        let number: T = self.parse(name)?;
        if number > T::default() {
            Ok(number)
        } else {
            Err(self.invalid(name, "must be greater than zero"))
        }
    }

    pub(crate) fn seconds(&self, name: &'static str) -> Result<Duration, ConfigError> {
        self.positive::<u32>(name)
            .map(|seconds| Duration::from_secs(seconds.into()))
    }

    pub(crate) fn invalid(&self, name: &'static str, why: &str) -> ConfigError {
        let source = self
            .0
            .get(name)
            .map_or(Source::Default, |(_, source)| source.clone());
        ConfigError::Invalid {
            name,
            why: why.to_owned(),
            source_of_value: source,
        }
    }

    /// Name, value and source of every setting, in alphabetical order.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str, &Source)> {
        self.0
            .iter()
            .map(|(name, (value, source))| (*name, value.as_str(), source))
    }
}

/// One `name = value  # source` a line.
impl fmt::Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value, source) in self.values() {
            writeln!(f, "{name} = {value:?}  # {source}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(path) => write!(f, "{}", path.display()),
            Source::Environment(name) => write!(f, "environment {name}"),
            Source::Flag => f.write_str("command line"),
        }
    }
}

fn variable_name(setting: &str) -> String {
    format!("{PREFIX}{}", setting.replace('.', "_").to_uppercase())
}
