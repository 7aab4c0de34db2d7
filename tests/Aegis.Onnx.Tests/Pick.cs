using CsCheck;

namespace Aegis.Onnx.Tests;

/// <summary>Generates one of some texts.</summary>
internal static class Pick
{
    public static Gen<string> Of(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
