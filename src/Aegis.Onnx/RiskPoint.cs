namespace Aegis;

/// <summary>A point of the line from a model's probabilities to risks.</summary>
/// <param name="Probability">Of an attack, from 0 to 1.</param>
/// <param name="Risk">From 0 to 1, scaled like all risks (<see cref="TextRisk.Risk"/>).</param>
public readonly record struct RiskPoint(double Probability, double Risk);
