#!/bin/sh
# The lesson of tools/bench/toukon as a hand-written script of docker commands:
# three nodes, on each an IEx that reads statements from a pipe, and after each
# statement a look at what it printed, again and again until it has.
#
# usage: toukon.sh IMAGE SUBNET
set -eu
image=$1
subnet=$2
net=${subnet%.*}
lab=toukon-$$

cleanup() {
    docker rm -f $lab-hoge $lab-fuga $lab-piyo
    docker network rm $lab
}
trap 'cleanup >/dev/null 2>&1' EXIT
trap 'exit 130' HUP INT TERM

# start NODE IP
start() {
    docker run -d --name $lab-$1 --hostname $1 --network $lab --ip $2 -e LANG=C.UTF-8 \
        "$image" tail -f /dev/null >/dev/null
    docker exec -d $lab-$1 sh -c "mkfifo /tmp/in; iex --name $1@$2 <>/tmp/in >/tmp/out 2>&1"
}

# enter NODE: the statement on standard input
enter() {
    docker exec -i $lab-$1 sh -c 'cat >/tmp/in'
}

# see NODE PATTERN: wait until its IEx has printed a line like this
see() {
    for try in $(seq 100); do
        if docker exec $lab-$1 grep -q "$2" /tmp/out; then
            return
        fi
        sleep 0.1
    done
    echo "$1 did not print $2, but:"
    docker exec $lab-$1 cat /tmp/out
    exit 1
}

# ask NODE PATTERN STATEMENT
ask() {
    echo "$3" | enter $1
    see $1 "$2"
}

docker network create --internal --subnet $subnet $lab >/dev/null
start hoge $net.4
start fuga $net.6
start piyo $net.7

test "$(docker exec $lab-hoge hostname -i)" = $net.4
for node in hoge fuga piyo; do
    see $node '1> '
done

for node in hoge fuga piyo; do
    ask $node '1> true' 'Node.set_cookie(:mycookie)'
done
ask hoge '2> :pong' "Node.ping(:\"fuga@$net.6\")"
ask hoge '3> :pong' "Node.ping(:\"piyo@$net.7\")"

# The other two find each other by themselves: ask again until they have.
ask hoge "> \\[:\"fuga@$net.6\", :\"piyo@$net.7\"\\]" 'Node.list()'
while
    echo 'Node.list()' | enter fuga
    ! docker exec $lab-fuga grep -q "> \\[:\"hoge@$net.4\", :\"piyo@$net.7\"\\]" /tmp/out
do
    sleep 0.1
done
ask piyo "> \\[:\"hoge@$net.4\", :\"fuga@$net.6\"\\]" 'Node.list()'

ask fuga ':module, Toukon' 'defmodule Toukon do
  def aisatsu, do: "元氣ですかーーーーッ！"
  def sakebu, do: IO.puts(aisatsu())
end'
ask piyo '元氣ですか' "Node.spawn(:\"fuga@$net.6\", fn -> Toukon.aisatsu() |> IO.puts() end)"
echo "Node.spawn(:\"fuga@$net.6\", Toukon, :sakebu, [])" | enter piyo
until test "$(docker exec $lab-piyo grep -c '元氣ですか' /tmp/out)" = 2; do
    sleep 0.1
done
ask piyo '"元氣ですか' ":rpc.call(:\"fuga@$net.6\", Toukon, :aisatsu, [])"
