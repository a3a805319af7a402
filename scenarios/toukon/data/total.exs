[_header | rows] = "/data/goal.csv" |> File.read!() |> String.split()
laps = for row <- rows, [name, n] = String.split(row, ","), do: {name, String.to_integer(n)}
for {name, n} <- laps, do: IO.puts("#{name}\t#{n}")
IO.puts("total\t#{laps |> Enum.map(&elem(&1, 1)) |> Enum.sum()}")
