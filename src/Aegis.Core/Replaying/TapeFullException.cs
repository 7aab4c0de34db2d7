namespace Aegis.Replaying;

/// <summary>More is to be kept than a record has room for.</summary>
internal sealed class TapeFullException : Exception;
