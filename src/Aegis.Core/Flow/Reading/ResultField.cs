namespace Aegis.Flow.Reading;

/// <summary>A whole field of what a tool returned.</summary>
/// <param name="Name">Its name; empty for an item without one.</param>
/// <param name="Value">Its value.</param>
/// <param name="Record">Which record it belongs to, counted from 0.</param>
internal readonly record struct ResultField(string Name, string Value, int Record);
