namespace Aegis.Replaying;

/// <summary>A replay asks what nobody was asked then.</summary>
/// <param name="what">What it asks, in words.</param>
internal sealed class DivergedException(string what) : Exception(what);
