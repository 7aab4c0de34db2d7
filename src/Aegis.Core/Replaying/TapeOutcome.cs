namespace Aegis.Replaying;

/// <summary>What came of an inspection, as it is compared: every bit.</summary>
internal static class TapeOutcome
{
    public static void Write(TapeWriter writer, Verdict verdict, Decision decision)
    {
        writer.Byte((byte)decision);
        VerdictCodec.Write(writer, verdict);
    }

    public static (Verdict Verdict, Decision Decision) Read(TapeReader reader)
    {
        var decision = (Decision)reader.Byte();
        return (VerdictCodec.Read(reader), decision);
    }
}
