namespace Aegis.Replaying;

/// <summary>Verdicts as bytes, every bit of them; where content is not kept, without what may be words or places of a text.</summary>
internal static class VerdictCodec
{
    public static TapeCodec<Verdict> Whole { get; } = new(Write, Read);

    public static TapeCodec<Finding?> Finding { get; } = new(static (writer, finding) => writer.Optional(finding, one => Write(writer, one)), static reader => reader.Optional(() => ReadFinding(reader)));

    public static void Write(TapeWriter writer, Verdict verdict)
    {
        writer.Fixed(verdict.Stayed);
        writer.All(verdict.Findings, finding => Write(writer, finding));
    }

    public static Verdict Read(TapeReader reader)
    {
        var stayed = reader.Double();
        return Verdict.Clean(stayed).And(Verdict.Of([.. reader.All(() => ReadFinding(reader))]));
    }

    public static void Write(TapeWriter writer, Finding finding)
    {
        var keeps = !writer.IsHashed;
        writer.Name(finding.Rule);
        writer.Byte((byte)finding.Decision);
        writer.Fixed(finding.Risk);
        writer.Optional(keeps ? finding.Range : null, range =>
        {
            writer.Number(range.Start);
            writer.Number(range.End);
        });
        writer.Name(keeps ? finding.Detail : null);
        writer.Name(keeps || !finding.IsCustom ? finding.Category : null);   // a guard of the app may write anything there
        writer.Names([.. finding.Owasp]);
        writer.Names([.. finding.Atlas]);
        writer.Byte((byte)finding.Ends);
        writer.Name(keeps ? finding.Replacement : "");
        writer.Name(keeps ? finding.Type : null);
        writer.Byte((byte)((finding.IsReversible ? 1 : 0) | (finding.IsJoint ? 2 : 0) | (finding.IsCustom ? 4 : 0)));
    }

    public static Finding ReadFinding(TapeReader reader)
    {
        var (rule, decision, risk) = (reader.Name(), (Decision)reader.Byte(), reader.Double());
        var range = reader.OptionalValue(() => new TextRange((int)reader.Number(), (int)reader.Number()));
        var (detail, category, owasp, atlas) = (reader.Text(), reader.Text(), reader.Names(), reader.Names());
        var (ends, replacement, type, marks) = ((RunEnd)reader.Byte(), reader.Name(), reader.Text(), reader.Byte());
        return new(rule, decision, risk)
        {
            Range = range,
            Detail = detail,
            Category = category,
            Owasp = owasp,
            Atlas = atlas,
            Ends = ends,
            Replacement = replacement,
            Type = type,
            IsReversible = (marks & 1) != 0,
            IsJoint = (marks & 2) != 0,
            IsCustom = (marks & 4) != 0,
        };
    }
}
