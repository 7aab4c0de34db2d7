namespace Aegis.Models;

/// <summary>From a model's numbers to a risk. Immutable.</summary>
internal sealed class RiskScale(OnnxClassifierOptions options)
{
    private readonly int[] _attacks = [.. options.AttackClasses];
    private readonly int _last = options.AttackClasses.Max();
    private readonly RiskPoint[] _points = [.. options.Calibration];
    private readonly double _temperature = options.Temperature;

    /// <exception cref="InvalidOperationException">A number is none, or there are fewer classes than when the model was tried.</exception>
    public double RiskOf(ReadOnlySpan<float> logits)
    {
        if (logits.Length <= _last)
        {
            throw new InvalidOperationException("The model's output has fewer classes than before.");
        }

        var largest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            largest = float.IsFinite(logit) ? Math.Max(largest, logit) : throw new InvalidOperationException("The model's output is not a number.");
        }

        var (all, attacks) = (0.0, 0.0);
        for (var i = 0; i < logits.Length; i++)
        {
            var weight = Math.Exp((logits[i] - (double)largest) / _temperature);
            all += weight;
            attacks += _attacks.Contains(i) ? weight : 0;
        }

        return Calibrated(Math.Min(1, attacks / all));
    }

    private double Calibrated(double probability)
    {
        for (var i = 1; i < _points.Length; i++)
        {
            var (from, to) = (_points[i - 1], _points[i]);
            if (probability <= to.Probability)
            {
                var share = (probability - from.Probability) / (to.Probability - from.Probability);
                return Math.Clamp(from.Risk + (share * (to.Risk - from.Risk)), from.Risk, to.Risk);
            }
        }

        return probability;
    }
}
