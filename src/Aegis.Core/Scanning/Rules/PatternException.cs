using System.Globalization;

namespace Aegis.Scanning.Rules;

/// <summary>A pattern was refused.</summary>
internal sealed class PatternException(int position, string message)
    : AegisException(string.Create(CultureInfo.InvariantCulture, $"at character {position + 1}: {message}"));
