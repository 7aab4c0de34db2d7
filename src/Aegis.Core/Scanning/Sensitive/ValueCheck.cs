namespace Aegis.Scanning.Sensitive;

/// <summary>Whether a value of the right shape is one: a checksum, a length that depends on a country, how random it is.</summary>
/// <param name="value">The value as it stands, with its separators.</param>
internal delegate bool ValueCheck(ReadOnlySpan<char> value);
