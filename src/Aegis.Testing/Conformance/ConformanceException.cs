namespace Aegis.Testing;

/// <summary>A pipeline, or a store, does not hold what Aegis promises.</summary>
/// <param name="message">Every check that failed.</param>
public sealed class ConformanceException(string message) : Exception(message);
