namespace Aegis.Models;

/// <summary>What a model says of some windows.</summary>
/// <param name="Values">Row by row.</param>
/// <param name="Classes">In a row.</param>
internal readonly record struct Logits(float[] Values, int Classes)
{
    public ReadOnlySpan<float> Row(int index) => Values.AsSpan(index * Classes, Classes);
}
