using Aegis.Scanning.Classifying;

namespace Aegis.Train;

/// <summary>Learns weights by windows (AdaGrad, J. Duchi, E. Hazan and Y. Singer, 2011); which window of an attack is the attack is learnt in rounds.</summary>
internal sealed class LogisticRegression(int end)
{
    private const int Rounds = 3;
    private const int Epochs = 10;
    private const double Rate = 0.01;
    private const double Decay = 1e-6;
    private const double HarmlessWeight = 2;
    private const int Samples = 4;          // of a harmless text in a round
    private const double MinGradient = 1e-6;

    private readonly float[] _weights = new float[FeatureReader.Count(ConceptLexicon.BuiltIn.Names.Count)];
    private readonly float[] _squares = new float[FeatureReader.Count(ConceptLexicon.BuiltIn.Names.Count)];
    private readonly Random _random = new(7);
    private double _bias;

    /// <summary>A model of whole numbers.</summary>
    public static LinearModel Train(IReadOnlyList<TrainingText> texts, bool readsPairs)
    {
        var learner = new LogisticRegression(readsPairs ? int.MaxValue : FeatureReader.FirstPair(ConceptLexicon.BuiltIn.Names.Count));
        for (var round = 0; round < Rounds; round++)
        {
            learner.Learn([.. learner.Examples(texts, round == 0)]);
        }

        return new(
            (int)Math.Round(learner._bias * LinearModel.Scale),
            [.. learner._weights.Select(static weight => (sbyte)Math.Clamp(Math.Round(weight * LinearModel.Scale), sbyte.MinValue, sbyte.MaxValue))],
            new([(0, 0)]));
    }

    /// <summary>Windows with what they are and how much they count: sources count by a root of their size.</summary>
    private IEnumerable<(TrainingText Text, int Window, bool IsAttack, double Weight)> Examples(IReadOnlyList<TrainingText> texts, bool isFirst)
    {
        var sizes = texts.CountBy(static text => (text.Source, text.IsAttack)).ToDictionary();
        double Share(TrainingText text) => Math.Pow(sizes[(text.Source, text.IsAttack)], -0.4);
        var (attacks, harmless) = (texts.Where(static text => text.IsAttack).Sum(Share), texts.Where(static text => !text.IsAttack).Sum(Share));
        foreach (var text in texts.Where(static text => text.Windows.Count > 0))
        {
            var weight = Share(text) * (text.IsAttack ? 1 / attacks : HarmlessWeight / harmless) * texts.Count / 2;
            if (!text.IsAttack)
            {
                if (!isFirst)
                {
                    yield return (text, BestOf(text), false, weight);
                }

                for (var i = 0; i < Math.Min(Samples, text.Windows.Count); i++)
                {
                    yield return (text, text.Windows[_random.Next(text.Windows.Count)], false, weight / Samples);
                }
            }
            else if (text.Injected is { Count: > 0 } injected)
            {
                foreach (var window in text.Windows)
                {
                    if (injected.Contains(window))
                    {
                        yield return (text, window, true, weight / injected.Count);
                    }
                    else if (_random.Next(Samples) == 0)
                    {
                        yield return (text, window, false, weight / Samples);
                    }
                }
            }
            else if (isFirst)
            {
                foreach (var window in text.Windows.Take(3))
                {
                    yield return (text, window, true, weight / Math.Min(3, text.Windows.Count));
                }
            }
            else
            {
                yield return (text, BestOf(text), true, weight * 0.7);
                yield return (text, text.Windows[_random.Next(text.Windows.Count)], true, weight * 0.3);
            }
        }
    }

    private int BestOf(TrainingText text) => text.Best(feature => _weights[feature]).Start;

    private void Learn((TrainingText Text, int Window, bool IsAttack, double Weight)[] examples)
    {
        Array.Clear(_weights);
        Array.Clear(_squares);
        _bias = -2;
        var square = 1.0;
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            _random.Shuffle(examples);
            foreach (var (text, window, isAttack, weight) in examples)
            {
                int[] features = [.. text.Window(window)];
                var sum = _bias;
                foreach (var feature in features)
                {
                    sum += _weights[feature];
                }

                var gradient = ((1 / (1 + Math.Exp(-sum))) - (isAttack ? 1 : 0)) * weight;
                if (Math.Abs(gradient) < MinGradient)
                {
                    continue;
                }

                foreach (var feature in features)
                {
                    if (feature >= end)
                    {
                        continue;
                    }

                    var step = (float)(gradient + (Decay * _weights[feature]));
                    _squares[feature] += step * step;
                    _weights[feature] -= (float)(Rate * step / (1e-6 + Math.Sqrt(_squares[feature] + 1e-2)));
                }

                square += gradient * gradient;
                _bias -= Rate * gradient / Math.Sqrt(square);
            }
        }
    }
}
