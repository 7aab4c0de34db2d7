namespace Aegis.Flow.Reading;

/// <summary>A whole field of what a tool returned.</summary>
/// <param name="Name">Its name; empty for an item without one.</param>
/// <param name="Value">Its value.</param>
/// <param name="Record">Which record it belongs to, counted from 0.</param>
internal readonly record struct ResultField(string Name, string Value, int Record)
{
    /// <summary>The list of another record that its record is an item of; empty: none.</summary>
    public string Within { get; init; } = "";

    /// <summary>That record.</summary>
    public int Outer { get; init; } = -1;
}
