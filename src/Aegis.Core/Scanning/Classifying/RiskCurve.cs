namespace Aegis.Scanning.Classifying;

/// <summary>The risk of a score, rising; straight between the points where it was measured.</summary>
internal sealed class RiskCurve
{
    private readonly (int Score, double Risk)[] _points;

    /// <param name="points">Both rise.</param>
    public RiskCurve(IEnumerable<(int Score, double Risk)> points) => _points = [.. points];

    public double Of(int score)
    {
        if (score <= _points[0].Score)
        {
            return _points[0].Risk;
        }

        for (var i = 1; i < _points.Length; i++)
        {
            var (low, high) = (_points[i - 1], _points[i]);
            if (score <= high.Score)
            {
                return low.Risk + ((high.Risk - low.Risk) * (score - low.Score) / (high.Score - low.Score));
            }
        }

        return _points[^1].Risk;
    }

    public static RiskCurve Read(BinaryReader reader)
    {
        var points = new (int, double)[reader.ReadInt32()];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = (reader.ReadInt32(), reader.ReadDouble());
        }

        return new(points);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_points.Length);
        foreach (var (score, risk) in _points)
        {
            writer.Write(score);
            writer.Write(risk);
        }
    }
}
