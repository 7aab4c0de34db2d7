using System.Runtime.InteropServices;

namespace Aegis.Scanning.Classifying;

/// <summary>What each feature weighs, and what a sum means. Sums are whole numbers, so that they are the same everywhere.</summary>
/// <param name="Bias">What is added to a window's sum.</param>
/// <param name="Weights">Of each feature.</param>
/// <param name="Curve">The risk of a sum.</param>
internal sealed record LinearModel(int Bias, sbyte[] Weights, RiskCurve Curve)
{
    /// <summary>Sums of one unit of the logarithm of the odds.</summary>
    public const int Scale = 32;

    public static LinearModel Read(BinaryReader reader)
    {
        var bias = reader.ReadInt32();
        var curve = RiskCurve.Read(reader);
        var weights = new sbyte[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(weights.AsSpan()));
        return new(bias, weights, curve);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Bias);
        Curve.Write(writer);
        writer.Write(Weights.Length);
        writer.Write(MemoryMarshal.AsBytes(Weights.AsSpan()));
    }
}
