namespace Aegis.Replaying;

/// <summary>What a guard of the app has said.</summary>
/// <param name="Verdict">Its verdict.</param>
/// <param name="Rule">The rule of a classifier, whose answers the policy weighs anew; null: the verdict stands as it is.</param>
/// <param name="Answers">The classifier's answers, in their order.</param>
internal sealed record HeardGuard(Verdict Verdict, string? Rule, IReadOnlyList<TextRisk> Answers)
{
    public static void Write(TapeWriter writer, HeardGuard guard)
    {
        VerdictCodec.Write(writer, guard.Verdict);
        writer.Name(guard.Rule);
        writer.All(guard.Answers, answer =>
        {
            writer.Fixed(answer.Risk);
            writer.Optional(answer.Range, range =>
            {
                writer.Number(range.Start);
                writer.Number(range.End);
            });
        });
    }

    public static HeardGuard Read(TapeReader reader) => new(
        VerdictCodec.Read(reader),
        reader.Text(),
        reader.All(() => new TextRisk(reader.Double(), reader.OptionalValue(() => new TextRange((int)reader.Number(), (int)reader.Number())))));
}
