using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Aegis.Guarding;

namespace Aegis.Replaying;

/// <summary>What came of an inspection, as it is compared: every bit.</summary>
/// <param name="Verdict">What the policy said.</param>
/// <param name="Decision">What was enforced.</param>
/// <param name="Given">A hash of what went on: a text, arguments, or the tools that stay visible; without content the last alone.</param>
internal sealed record TapeOutcome(Verdict Verdict, Decision Decision, string Given)
{
    private const int Digits = 32;

    public static TapeOutcome Of(Inspection inspection, bool isHashed) => new(inspection.Verdict, inspection.Decision, inspection.MayProceed ? GivenBy(inspection.Subject, isHashed) : "");

    public void Write(TapeWriter writer)
    {
        writer.Byte((byte)Decision);
        VerdictCodec.Write(writer, Verdict);
        writer.Name(Given);
    }

    public static TapeOutcome Read(TapeReader reader)
    {
        var decision = (Decision)reader.Byte();
        return new(VerdictCodec.Read(reader), decision, reader.Name());
    }

    private static string GivenBy(Subject subject, bool isHashed) => subject switch
    {
        ModelStep step => HashOf(string.Join('\n', step.Tools.Tools.Select(static tool => tool.Name))),
        TextSubject text when !isHashed => HashOf(text.Text),
        ToolCall call when !isHashed => HashOf(call.Arguments.Refusal ?? call.Arguments.Canonical),
        _ => "",
    };

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())))[..Digits];
}
